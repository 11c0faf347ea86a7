"""A test client that fails on any page we would be ashamed of."""

from collections import Counter

from bs4 import BeautifulSoup

CONTROLS = {"input", "select", "textarea"}
INLINE = {"style", "onclick", "onchange"}


class Browser:
    """``get`` and ``post`` hand the test's own transaction in first, so both see one truth."""

    def __init__(self, app, session, as_=None):
        self.app = app
        self.session = session
        self.client = app.test_client()
        if as_:
            self.sign_in(as_)

    def sign_in(self, person):
        """Be ``person`` from here on, as the sign-in page would leave them."""
        self.session.commit()
        self.session.refresh(person)
        self.session.commit()
        self.client = self.app.test_client()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = person.fs_uniquifier
            cookie["_fresh"] = True
            cookie["fs_cc"] = "set"
        self.person = person
        return self

    def get(self, url, *, status=200, **options):
        self.session.commit()
        response = self.client.get(url, **options)
        return self._page(response, status)

    def post(self, url, data=None, *, status=302, **options):
        self.session.commit()
        response = self.client.post(url, data=data, **options)
        self.session.expire_all()
        if status == 302 and response.status_code == 302:
            return response
        return self._page(response, status)

    def raw(self, url, **options):
        self.session.commit()
        return self.client.get(url, buffered=True, **options)

    def _page(self, response, status):
        assert response.status_code == status, (response.status_code, response.text[:4000])
        page = BeautifulSoup(response.text, "html.parser")
        if status in {200, 422} and response.mimetype == "text/html":
            check(page)
        return page


def check(page):
    headings = page.select("h1")
    assert len(headings) == 1, "a page has exactly one h1"
    title = " ".join(page.title.text.split())
    assert (
        title.removeprefix("Error: ")
        .removeprefix("Lỗi: ")
        .startswith(" ".join(headings[0].text.split()))
    ), f"the title {title!r} begins with the h1"
    tags = page.find_all(True)
    repeated = [i for i, n in Counter(t["id"] for t in tags if t.has_attr("id")).items() if n > 1]
    assert not repeated, f"duplicate ids {repeated}"
    named = {label.get("for") for label in tags if label.name == "label"}
    for control in tags:
        if control.name not in CONTROLS or control.get("type") == "hidden":
            continue
        labelled = control.get("aria-label") or control.get("aria-labelledby")
        wrapped = control.find_parent("label")
        label = control.get("id") in named - {None}
        assert labelled or wrapped or label, f"{control.get('name')} has no label"
    inline = [
        t for t in tags if INLINE & t.attrs.keys() or (t.name == "script" and "src" not in t.attrs)
    ]
    assert not inline, "nothing inline"
