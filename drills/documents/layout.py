"""The page of an official document: Appendix I of Decree 30/2020/NĐ-CP, as python-docx knows it.

``python -m drills.documents.drafts`` writes the built-in templates with it. No seal is drawn:
the place for it and for the signature is left free.
"""

from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
CENTRE, JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
LEFT_COLUMN, RIGHT_COLUMN = Cm(7.1), Cm(9.4)
WIDTH = LEFT_COLUMN + RIGHT_COLUMN
FIRST_LINE = Cm(1.27)
SIGNATURE_SPACE = Pt(66)
ROMAN = "I II III IV V VI VII VIII IX X"
# half of what is left of the cell beside a rule, measured in Times New Roman
MOTTO_INDENT, AGENCY_INDENT, TITLE_INDENT = Cm(1.75), Cm(2.2), Cm(5.6)

Place = Any
"""Where paragraphs go: the document or a cell."""


class Sheet:
    """A template in the making, in Vietnamese or English."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.document: Any = Document()
        _page(self.document)
        _styles(self.document, language)
        _number_pages(self.document)

    def t(self, vietnamese: str, english: str) -> str:
        return vietnamese if self.language == "vi" else english

    def head(self, symbol: str, *, about: str = "") -> None:
        """Agency and motto side by side, number and date under them; ``about`` for a letter."""
        table = _bare_table(self.document, 2)
        self._agency(table.cell(0, 0))
        self._motto(table.cell(0, 1))
        number = self.t("Số: ", "No: ")
        left = table.cell(1, 0)
        gap = 6
        line(
            left,
            f'{number}{{{{ number or "……/{symbol}" }}}}',
            size=13,
            align=CENTRE,
            first=True,
            before=gap,
        )
        if about:
            line(left, about, size=12, align=CENTRE, before=6)
        line(left, "{%p if urgency %}")
        line(left, "{{ urgency }}", size=13, bold=True, align=CENTRE, before=6)
        line(left, "{%p endif %}")
        day = "{{ place or '……' }}, {{ on|long_day }}"
        line(table.cell(1, 1), day, size=13, italic=True, align=CENTRE, first=True, before=gap)

    def _agency(self, cell: _Cell) -> None:
        line(cell, "{{ superior }}", size=12, align=CENTRE, first=True)
        line(cell, "{{ agency }}", size=12, bold=True, align=CENTRE)
        rule(cell, AGENCY_INDENT)

    def _motto(self, cell: _Cell) -> None:
        country = self.t("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "SOCIALIST REPUBLIC OF VIET NAM")
        motto = self.t("Độc lập - Tự do - Hạnh phúc", "Independence - Freedom - Happiness")
        line(cell, country, size=12, bold=True, align=CENTRE, first=True)
        line(cell, motto, size=13, bold=True, align=CENTRE)
        rule(cell, MOTTO_INDENT if self.language == "vi" else Cm(1.05))

    def title(self, name: str, about: str) -> None:
        line(self.document, name, size=14, bold=True, align=CENTRE, before=18)
        line(self.document, about, size=14, bold=True, align=CENTRE)
        rule(self.document, TITLE_INDENT, after=12)

    def addressees(self) -> None:
        """One addressee stands on the line, several stand under it."""
        to = self.t("Kính gửi: ", "To: ")
        self._if("addressees|length == 1")
        line(self.document, to + "{{ addressees[0] }}", align=CENTRE, before=12, after=12)
        self._end("if")
        self._if("addressees|length > 1")
        line(self.document, to, indent=Cm(3), before=6)
        self._for("name in addressees")
        last = '{{ "." if loop.last else ";" }}'
        line(self.document, "- {{ name }}" + last, indent=Cm(4.5))
        self._end("for")
        self._end("if")

    def authority(self) -> None:
        self._if("authority")
        line(self.document, "{{ authority }}", size=14, bold=True, align=CENTRE, after=12)
        self._end("if")

    def grounds(self, closing: str = "") -> None:
        """Each ends with a semicolon, the last with a full stop.

        ``closing``: the field named in the last ground, on whose proposal this is.
        """
        more = f" and not {closing}" if closing else ""
        self._for("ground in grounds")
        self._body(f'{{{{ ground }}}}{{{{ "." if loop.last{more} else ";" }}}}', italic=True)
        self._end("for")
        if closing:
            self._if(closing)
            on = self.t("Theo đề nghị của ", "On the proposal of ")
            self._body(f"{on}{{{{ {closing} }}}}.", italic=True)
            self._end("if")

    def announce(self, text: str) -> None:
        line(self.document, text, size=14, bold=True, align=CENTRE, before=6, after=6)

    def text(self, *parts: str | tuple[str, str], when: str = "") -> None:
        """A justified paragraph; a part ``("b", text)`` is bold. ``when``: only if that holds."""
        if when:
            self._if(when)
        paragraph = self._body("")
        for part in parts:
            _run(paragraph, part if isinstance(part, str) else part[1], bold=part[0] == "b")
        if when:
            self._end("if")

    def heading(self, text: str, *, when: str = "") -> None:
        if when:
            self._if(when)
        paragraph = self._body("")
        _run(paragraph, text, bold=True)
        paragraph.paragraph_format.keep_with_next = True
        if when:
            self._end("if")

    def chapter(self, text: str, *, when: str = "") -> None:
        """A heading with the next Roman number; one that is left out takes none."""
        if when:
            self._if(when)
        line(self.document, "{%p set chapter = chapter|default(0) + 1 %}")
        line(self.document, "{%p set point = 0 %}")
        self.heading(f'{{{{ "{ROMAN}".split()[chapter - 1] }}}}. {text}')
        if when:
            self._end("if")

    def point(self, *parts: str, when: str = "") -> None:
        """A paragraph with the next number of its chapter; one that is left out takes none."""
        if when:
            self._if(when)
        line(self.document, "{%p set point = point + 1 %}")
        self.text("{{ point }}. ", *parts)
        if when:
            self._end("if")

    def annex(self, name: str, about: str, *, when: str) -> None:
        """The head of a page after the signature."""
        self._if(when)
        first = line(self.document, name, bold=True, align=CENTRE)
        first.paragraph_format.page_break_before = True
        line(self.document, about, bold=True, align=CENTRE, after=12)
        self._end("if")

    def items(self, rows: str, text: str, *, lead: str = "- ") -> None:
        """One paragraph for each of ``rows``; ``text`` speaks of ``item``."""
        self._for(f"item in {rows}")
        self._body(lead + text + '{{ "." if loop.last else ";" }}')
        self._end("for")

    def paragraphs(self, value: str) -> None:
        """Every line of a longer text as a paragraph of its own."""
        self._for(f"line in {value}|paragraphs")
        self._body("{{ line }}")
        self._end("for")

    def table(
        self, rows: str, columns: Sequence[tuple[str, str, float]], *, when: str = ""
    ) -> None:
        """A ruled table: (heading, what stands in the cell of ``item``, width in cm)."""
        self._if(when or rows)
        table = self.document.add_table(rows=4, cols=len(columns))
        table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        _repeat_first_row(table)
        _keep_whole(table.rows[2])
        for place, (heading, value, _width) in enumerate(columns):
            line(table.cell(0, place), heading, size=12, bold=True, align=CENTRE, first=True)
            line(table.cell(2, place), value, size=12, first=True, before=2, after=2)
        _set_widths(table, [Cm(width) for _heading, _value, width in columns])
        line(table.cell(1, 0), f"{{%tr for item in {rows} %}}", first=True)
        line(table.cell(3, 0), "{%tr endfor %}", first=True)
        line(self.document, "", size=6)
        self._end("if")

    def signature(self) -> None:
        for paragraph in self.document.paragraphs[-2:]:
            # no page holds a signature alone
            paragraph.paragraph_format.keep_with_next = True
        table = _bare_table(self.document, 1, before=True)
        left, right = table.cell(0, 0), table.cell(0, 1)
        self._recipients(left)
        first = True
        for field in ("signer_on_behalf", "signer_for", "signer_title"):
            line(right, f"{{%p if {field} %}}", first=first)
            line(right, f"{{{{ {field} }}}}", size=14, bold=True, align=CENTRE)
            line(right, "{%p endif %}")
            first = False
        name = line(right, "{{ signer_name }}", size=14, bold=True, align=CENTRE)
        name.paragraph_format.space_before = SIGNATURE_SPACE

    def _recipients(self, cell: _Cell) -> None:
        title = self.t("Nơi nhận:", "Recipients:")
        line(cell, title, size=12, bold=True, italic=True, first=True)
        line(cell, "{%p for item in recipients %}")
        line(cell, '- {{ item }}{{ "." if loop.last else ";" }}', size=11)
        line(cell, "{%p endfor %}")

    def _body(self, text: str, *, italic: bool = False) -> Paragraph:
        return line(
            self.document, text, size=14, italic=italic, align=JUSTIFY, indent=FIRST_LINE, after=6
        )

    def _if(self, condition: str) -> None:
        line(self.document, f"{{%p if {condition} %}}")

    def _for(self, loop: str) -> None:
        line(self.document, f"{{%p for {loop} %}}")

    def _end(self, word: str) -> None:
        line(self.document, f"{{%p end{word} %}}")


def line(  # noqa: PLR0913 - the look of a line has that many sides
    place: Place,
    text: str,
    *,
    size: float = 14,
    bold: bool = False,
    italic: bool = False,
    align: Any = None,
    indent: Any = None,
    before: float = 0,
    after: float = 0,
    first: bool = False,
) -> Paragraph:
    """A paragraph; ``first`` takes the empty one a cell begins with."""
    paragraph: Paragraph = place.paragraphs[0] if first else place.add_paragraph()
    layout = paragraph.paragraph_format
    paragraph.alignment = align
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    if indent is not None:
        layout.first_line_indent = indent
    if text:
        _run(paragraph, text, size=size, bold=bold, italic=italic)
    return paragraph


def rule(place: Place, indent: Any, *, after: float = 0) -> None:
    """A solid line, ``indent`` from both sides, close under the text before."""
    paragraph = line(place, "", after=after)
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = indent
    layout.line_spacing = Pt(3)
    borders = OxmlElement("w:pBdr")
    top = _element("w:bottom", val="single", sz="6", space="0", color="000000")
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)  # noqa: SLF001 - python-docx has no borders


def _run(
    paragraph: Paragraph, text: str, *, size: float = 14, bold: bool = False, italic: bool = False
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    section.different_first_page_header_footer = True


def _styles(document: Any, language: str) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    normal.font.color.rgb = RGBColor(0, 0, 0)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.05
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    spoken = "vi-VN" if language == "vi" else "en-GB"
    normal.element.rPr.append(_element("w:lang", val=spoken, eastAsia=spoken))
    unused: Callable[[Any], bool] = lambda style: style.type == WD_STYLE_TYPE.LIST  # noqa: E731
    for style in [style for style in document.styles if unused(style)]:
        style.delete()
    document.core_properties.author = ""
    document.core_properties.comments = ""


def _number_pages(document: Any) -> None:
    """Arabic, centred at the top, and none on the first page."""
    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.alignment = CENTRE
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            code = OxmlElement("w:instrText")
            code.text = "PAGE"
            run._r.append(code)  # noqa: SLF001 - python-docx has no fields
        run._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001


def _bare_table(document: Any, rows: int, *, before: bool = False) -> Any:
    if before:
        line(document, "").paragraph_format.keep_with_next = True
    table = document.add_table(rows=rows, cols=2)
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    _set_widths(table, [LEFT_COLUMN, RIGHT_COLUMN])
    for row in table.rows:
        _keep_whole(row)
    return table


def _keep_whole(row: Any) -> None:
    """No page ends in the middle of it."""
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))  # noqa: SLF001


def _set_widths(table: Any, widths: Sequence[Any]) -> None:
    """Both ways that programs read: of the column, and of each of its cells."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _repeat_first_row(table: Any) -> None:
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))  # noqa: SLF001
