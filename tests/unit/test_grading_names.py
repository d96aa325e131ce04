import pytest

from grading.normalise import names


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("张伟", "张伟"),
        ("张伟", " 张 伟 "),
        ("张伟", "张　伟"),
        ("张伟", "张伟先生"),
        ("张伟", "张伟 先生"),
        ("张秀英", "张秀英女士"),
        ("张秀英", "张秀英小姐"),
        ("张秀英", "张秀英（本人）"),
        ("张秀英", "张秀英(Zhang Xiuying)"),
        ("欧阳娜娜", "欧阳娜娜老师"),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提"),
        ("阿卜杜拉·买买提", "阿卜杜拉买买提"),
        ("John Smith", "john smith"),
        ("John Smith", "SMITH, JOHN"),
        ("John Smith", "Smith John"),
        ("John Smith", "Mr. John Smith"),
        ("John Smith", "Mr John  Smith "),
        ("John Smith", "John A. Smith"),
        ("John A. Smith", "John Smith"),
        ("Mary O'Brien", "mary obrien"),
        ("Mary O'Brien", "Mary O’Brien"),
        ("José Núñez", "Jose Nunez"),
        ("Anna-Maria Jones", "Anna Maria Jones".replace("a M", "a-M")),
        ("Martha Whitcombe", "Ms. Martha WHITCOMBE"),
        ("Martha Whitcombe", "Ｍａｒｔｈａ Ｗｈｉｔｃｏｍｂｅ"),
        ("Wang Fang", "WANG Fang"),
    ],
)
def test_the_same_person(expected: str, written: str) -> None:
    assert names.compare(expected, written).right


@pytest.mark.parametrize(
    ("expected", "written", "reason"),
    [
        ("张伟", "张玮", "one_character"),
        ("张秀英", "章秀英", "one_character"),
        ("张秀英", "张秀瑛", "one_character"),
        ("张秀英", "张女士", "part_of_name"),
        ("张秀英", "英秀张", "different"),
        ("张秀英", "李明", "different"),
        ("张伟", "张伟伟", "different"),
        ("张伟", "Zhang Wei", "different"),
        ("张伟", "先生", "different"),
        ("张伟", "?", "different"),
        ("John Smith", "Smith", "part_of_name"),
        ("John Smith", "Mr. Smith", "part_of_name"),
        ("John Smith", "Jane Smith", "different"),
        ("John Smith", "John Smythe", "different"),
        ("Martha Whitcombe", "张伟", "different"),
    ],
)
def test_another_person(expected: str, written: str, reason: str) -> None:
    match = names.compare(expected, written)
    assert (match.share, match.reason) == (0, reason)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("Martha Whitcombe", "Martha Witcombe"),
        ("Martha Whitcombe", "Marta Whitcombe"),
        ("Catherine Jones", "Katherine Jones"),
        ("Jonathan Fairweather", "Fairwether, Jonathan"),
    ],
)
def test_a_western_name_nearly_right_is_wrong_but_earns_half(expected: str, written: str) -> None:
    match = names.compare(expected, written)
    assert (match.right, match.share, match.reason) == (False, 0.5, "near_name")
