# ruff: noqa: E501 (tables of spellings)
import json

import pytest

from grading.normalise import addresses
from scenarios.facts import address_value

HANGZHOU = address_value(
    {
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "road": "文三路",
        "number": "128号",
        "compound": "翠竹苑",
        "building": "3号楼",
        "unit": "2单元",
        "room": "501室",
    }
)
BEIJING = address_value({"city": "北京市", "district": "朝阳区", "road": "建国路", "number": "88号", "compound": "阳光100小区", "building": "12号楼", "unit": "1单元", "room": "1203室"})  # fmt: skip
OHIO = address_value(
    {"number": "12", "street": "Garden Road", "unit": "Apt 3B", "city": "Springfield", "state": "OH", "zip": "45501"}
)
HOUSE = address_value(
    {"number": "4410", "street": "North 5th Avenue", "city": "St. Paul", "state": "MN", "zip": "55101"}
)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        *[
            (HANGZHOU, written)
            for written in (
                "浙江省杭州市西湖区文三路128号翠竹苑3号楼2单元501室",
                "浙江杭州西湖文三路128号翠竹苑3号楼2单元501",
                "杭州市西湖区文三路128号翠竹苑3号楼2单元501室",
                "杭州西湖区文三路128号，翠竹苑3幢2单元501",
                "浙江省 杭州市 西湖区 文三路 128 号 翠竹苑 3 栋 2 单元 501 室",
                "中国浙江省杭州市西湖区文三路１２８号翠竹苑３号楼２单元５０１室",
                "浙江省杭州市西湖区文三路128号翠竹苑3-2-501",
                "杭州 西湖区 文三路128号翠竹苑 3－2－501",
                "文三路128号翠竹苑3号楼2单元501室，西湖区，杭州市",
                "浙江省杭州市西湖区文三路一百二十八号翠竹苑三号楼二单元五〇一室",
                "浙江省杭州市西湖区文三路一二八号翠竹苑三栋二单元五零一",
                "杭州市西湖区文三路128号翠竹苑3#2单元501",
                "杭州市西湖区文三路128号翠竹苑3#楼2单元501房",
                "浙江省杭州市西湖区文三路128号翠竹苑小区3座2门501户",
                "杭州市西湖区文三路128号(翠竹苑)3号楼2单元5层501室",
                "地址:浙江省杭州市西湖区文三路128号翠竹苑3号楼2单元501室(家里)",
            )
        ],
        *[
            (BEIJING, written)
            for written in (
                "北京市朝阳区建国路88号阳光100小区12号楼1单元1203室",
                "北京朝阳建国路88号阳光100 12号楼1单元1203",
                "朝阳区建国路88号阳光100小区12-1-1203 北京",
                "北京市北京市朝阳区建国路88号阳光100小区十二号楼一单元1203",
            )
        ],
        *[
            (OHIO, written)
            for written in (
                "12 Garden Road, Apt 3B, Springfield, OH 45501",
                "12 garden rd apt 3b springfield oh 45501",
                "12 Garden Rd., #3B, Springfield, Ohio 45501",
                "12 Garden Road Apartment 3 B, Springfield, Ohio, 45501-1234",
                "Apt. 3B, 12 Garden Road, Springfield OH 45501",
                "12 Garden Road, Unit 3B, Springfield 45501",
                "3B/12 Garden Road, Springfield, OH 45501".replace("3B/12", "Flat 3B, 12"),
                "12 Garden, Apt 3B, Springfield, OH 45501",
                "Twelve Garden Road, Apt 3B, Springfield, OH 45501",
                "12 GARDEN ROAD\nAPT 3B\nSPRINGFIELD, OH 45501",
            )
        ],
        *[
            (HOUSE, written)
            for written in (
                "4410 North 5th Avenue, St. Paul, MN 55101",
                "4410 N. Fifth Ave, Saint Paul, Minnesota 55101",
                "4410 n 5th ave st paul mn 55101",
            )
        ],
    ],
)
def test_the_same_address(expected: str, written: str) -> None:
    match = addresses.compare(expected, written)
    assert match.right, match


@pytest.mark.parametrize(
    ("expected", "written", "amiss", "share"),
    [
        (HANGZHOU, "杭州市西湖区文三路128号3号楼2单元501室", "翠竹苑", 8 / 9),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑3号楼2单元", "501室", 8 / 9),
        (HANGZHOU, "浙江省杭州市余杭区文三路128号翠竹苑3号楼2单元501室", "西湖区", 8 / 9),
        (HANGZHOU, "浙江省杭州市西湖区文二路128号翠竹苑3号楼2单元501室", "文三路", 8 / 9),
        (HANGZHOU, "浙江省杭州市西湖区文三西路128号翠竹苑3号楼2单元501室", "文三路", 8 / 9),
        (HANGZHOU, "浙江省杭州市西湖区文三街128号翠竹苑3号楼2单元501室", "文三路", 8 / 9),
        (HANGZHOU, "浙江省杭州市西湖区南文三路128号翠竹苑3号楼2单元501室", "文三路", 8 / 9),
        (HANGZHOU, "江苏省杭州市西湖区文三路128号翠竹苑3号楼2单元501室", "浙江省", 8 / 9),
        (HANGZHOU, "浙江省宁波市西湖区文三路128号翠竹苑3号楼2单元501室", "杭州市", 8 / 9),
        (HANGZHOU, "文三路128号翠竹苑3号楼2单元501室", "浙江省、杭州市、西湖区", 6 / 9),
        (OHIO, "12 Garden Road, Apt 3B, Shelbyville, OH 45501", "Springfield", 5 / 6),
        (OHIO, "12 Garden Street, Apt 3B, Springfield, OH 45501", "Garden Road", 5 / 6),
        (OHIO, "12 Gardner Road, Apt 3B, Springfield, OH 45501", "Garden Road", 5 / 6),
        (OHIO, "12 Garden Road, Springfield, OH 45501", "Apt 3B", 5 / 6),
        (OHIO, "12 Garden Road, Apt 3B, Springfield, OH", "45501", 5 / 6),
        (OHIO, "12 Garden Road, Apt 3B, Springfield, Iowa 45501", "OH", 5 / 6),
        (OHIO, "12 Garden Road, Apt 3B", "Springfield, OH, 45501", 3 / 6),
        (HOUSE, "4410 5th Avenue, St. Paul, MN 55101", "North 5th Avenue", 4 / 5),
        (HOUSE, "4410 South 5th Avenue, St. Paul, MN 55101", "North 5th Avenue", 4 / 5),
    ],
)
def test_an_element_amiss_costs_its_share(expected: str, written: str, amiss: str, share: float) -> None:
    match = addresses.compare(expected, written)
    assert match.reason == "address_elements"
    assert match.params["elements"] == amiss
    assert match.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("expected", "written", "amiss"),
    [
        (HANGZHOU, "浙江省杭州市西湖区文三路129号翠竹苑3号楼2单元501室", "128号"),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑2号楼2单元501室", "3号楼"),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑3号楼3单元501室", "2单元"),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑3号楼2单元502室", "501室"),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑3-2-502", "501室"),
        (HANGZHOU, "浙江省杭州市西湖区文三路128号翠竹苑2-3-501", "3号楼"),
        (BEIJING, "北京市朝阳区建国路88号阳光100小区12号楼1单元1302室", "1203室"),
        (OHIO, "21 Garden Road, Apt 3B, Springfield, OH 45501", "12"),
        (OHIO, "12 Garden Road, Apt 3D, Springfield, OH 45501", "Apt 3B"),
        (OHIO, "12 Garden Road, Apt 3B, Springfield, OH 45510", "45501"),
    ],
)
def test_a_wrong_number_earns_nothing(expected: str, written: str, amiss: str) -> None:
    match = addresses.compare(expected, written)
    assert (match.share, match.reason) == (0, "address_number")
    assert amiss in match.params["elements"]


@pytest.mark.parametrize("written", ["家里", "老地方", "n/a", "same as before", "…", "{", "🏠"])
def test_no_address_at_all_earns_nothing_and_raises_nothing(written: str) -> None:
    for expected in (HANGZHOU, BEIJING, OHIO, HOUSE):
        assert addresses.compare(expected, written).share == 0


def test_elements_of_a_form_are_read_like_one_line() -> None:
    elements = json.loads(HANGZHOU)
    assert addresses.compare(HANGZHOU, address_value(elements)).right
    assert not addresses.compare(HANGZHOU, address_value(elements | {"room": "105室"})).right


def test_a_city_named_like_its_province() -> None:
    jilin = address_value(
        {"province": "吉林省", "city": "吉林市", "district": "船营区", "road": "解放大路", "number": "5号"}
    )
    for written in ("吉林省吉林市船营区解放大路5号", "吉林市船营区解放大路5号", "吉林吉林船营区解放大路5号"):
        assert addresses.compare(jilin, written).right
