import pytest

from grading.normalise import phone


@pytest.mark.parametrize(
    "written",
    [
        "16300001234",
        "163 0000 1234",
        "163-0000-1234",
        "1 6 3 0 0 0 0 1 2 3 4",
        "163.0000.1234",
        "（163）00001234",
        "+86 163 0000 1234",
        "+8616300001234",
        "0086-16300001234",
        "8616300001234",
        "86-163-0000-1234",
        "(+86)16300001234",
        "016300001234",
        "１６３００００１２３４",
        "　１６３－００００－１２３４　",
        "一六三零零零零一二三四",
        "幺六三零零零零幺二三四",
        "163〇〇〇〇1234",
        "电话:16300001234",
        "tel. 163 0000 1234",
        "16300001234（本人）",
        "16300001234。",
        "163\u200b0000\u202c1234",
    ],
)
def test_the_same_number_however_it_is_written(written: str) -> None:
    assert phone.compare("16300001234", written).right


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("16300001235", "different"),
        ("16300001243", "different"),
        ("1630000123", "digits_count"),
        ("163000012344", "digits_count"),
        ("16300001234转8", "extension_differs"),
        ("16300001234 ext. 12", "extension_differs"),
        ("16300001234/16300005678", "digits_count"),
        ("+1 163 0000 1234", "digits_count"),
        ("same as the one he calls from", "unreadable"),
        ("不详", "unreadable"),
        ("-", "unreadable"),
        ("😀", "unreadable"),
    ],
)
def test_another_number(written: str, reason: str) -> None:
    match = phone.compare("16300001234", written)
    assert (match.share, match.reason) == (0, reason)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("01065521234", "010-6552 1234"),
        ("01065521234", "+86 10 6552 1234"),
        ("01065521234", "(010)65521234"),
        ("057188001234", "0571-88001234"),
        ("12025550123", "+1 (202) 555-0123"),
        ("2025550123", "202.555.0123"),
        ("2025550123", "+1-202-555-0123"),
        ("01065521234转802", "010-65521234-转802"),
        ("01065521234转802", "010-65521234 ext 802"),
        ("01065521234转802", "010-65521234 x802"),
        ("01065521234转802", "010-65521234#802"),
        ("01065521234转802", "010-65521234 分机：802"),
        ("95588", "95588"),
    ],
)
def test_land_lines_extensions_and_other_countries(expected: str, written: str) -> None:
    assert phone.compare(expected, written).right
