import pytest

from tests.approvals.office import Office


@pytest.fixture
def office(make) -> Office:
    return Office.of(make)
