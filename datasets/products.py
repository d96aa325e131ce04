"""What the television shop sells."""

import random
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from datasets.language import Language, UnknownLanguageError

Currency = Literal["CNY", "USD"]

# SKU|name|category|price in fen or cents|stock|variants
_CHINESE = """
JJ1001|养生破壁机|厨房电器|39900|120|白色 香槟金
JJ1002|无油空气炸锅|厨房电器|29900|200|5升 7升
JJ1003|电压力锅|厨房电器|26800|85|4升 6升
JJ1004|不粘炒锅三件套|厨房用品|19900|150|
JJ1005|玻璃保鲜盒十件套|厨房用品|8900|300|
JJ1006|恒温电热水壶|厨房电器|12900|180|白色 绿色
JD2001|无线吸尘器|家用电器|69900|60|标准版 除螨版
JD2002|蒸汽拖把|家用电器|32900|75|
JD2003|空气净化器|家用电器|89900|40|
JD2004|石墨烯取暖器|家用电器|45900|90|1200瓦 2000瓦
JD2005|挂烫机|家用电器|23900|110|蓝色 粉色
JF3001|蚕丝被|家纺|59900|70|1.5米 1.8米
JF3002|乳胶枕|家纺|15900|260|高枕 低枕
JF3003|纯棉四件套|家纺|29800|140|1.5米 1.8米
JF3004|羊毛毯|家纺|36800|55|灰色 驼色
JK4001|足浴盆|健康器械|35900|95|
JK4002|颈椎按摩仪|健康器械|26900|130|白色 黑色
JK4003|电子血压计|健康器械|19800|160|
JK4004|筋膜枪|健康器械|22900|105|
FS5001|加绒保暖内衣|服饰|12800|320|M码 L码 XL码
FS5002|羽绒服|服饰|49900|80|M码 L码 XL码
FS5003|健步鞋|服饰|16900|210|38码 40码 42码
FS5004|真皮钱包|服饰|13900|0|黑色 棕色
MZ6001|玻尿酸补水面膜|美妆|9900|400|
MZ6002|生姜防脱洗发水|美妆|6850|350|
SP7001|东北大米十斤装|食品|7990|500|
SP7002|新疆红枣礼盒|食品|11800|240|
SP7003|铁观音茶叶礼盒|食品|18800|150|清香型 浓香型
"""

_ENGLISH = """
KA1001|countertop blender|kitchen|5995|120|white, red
KA1002|air fryer|kitchen|8995|200|five quart, seven quart
KA1003|pressure cooker|kitchen|7450|85|six quart, eight quart
KA1004|nonstick pan set|kitchen|4995|150|
KA1005|glass storage set|kitchen|2495|300|
KA1006|electric kettle|kitchen|3495|180|white, green
HA2001|cordless vacuum|household|17900|60|standard, pet edition
HA2002|steam mop|household|9950|75|
HA2003|air purifier|household|15900|40|
HA2004|tower heater|household|8900|90|
HA2005|garment steamer|household|4450|110|blue, pink
BD3001|down comforter|bedding|12900|70|queen, king
BD3002|memory foam pillow|bedding|3995|260|soft, firm
BD3003|cotton sheet set|bedding|6495|140|queen, king
BD3004|wool throw|bedding|5900|55|gray, tan
HE4001|foot spa|health|6995|95|
HE4002|neck massager|health|4995|130|white, black
HE4003|blood pressure monitor|health|3950|160|
HE4004|massage gun|health|7995|105|
AP5001|thermal underwear set|clothing|2995|320|medium, large, extra large
AP5002|down jacket|clothing|11900|80|medium, large, extra large
AP5003|walking shoes|clothing|5495|210|size eight, size nine, size ten
AP5004|leather wallet|clothing|2850|0|black, brown
BE6001|hydrating face mask|beauty|1995|400|
BE6002|ginger shampoo|beauty|1450|350|
FD7001|maple pecan gift box|food|3295|240|
FD7002|loose leaf tea sampler|food|2795|150|green, black
"""


class Product(BaseModel):
    """One article. `price_minor` is in fen or cents; `variants` may be empty; `stock` counts all variants together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sku: str
    language: Language
    name: str
    category: str
    price_minor: int
    currency: Currency
    variants: tuple[str, ...]
    stock: int

    @property
    def price_text(self) -> str:
        """As it is written: `298元`, `68.5元`, `$29.95`."""
        return money_text(self.price_minor, self.currency)


def money_text(minor: int, currency: Currency) -> str:
    """An amount of fen or cents as people write it."""
    whole, part = divmod(abs(minor), 100)
    sign = "-" if minor < 0 else ""
    if currency == "USD":
        return f"{sign}${whole}.{part:02d}" if part else f"{sign}${whole}"
    return f"{sign}{whole}.{part:02d}".rstrip("0").rstrip(".") + "元" if part else f"{sign}{whole}元"


@cache
def catalogue(language: Language) -> tuple[Product, ...]:
    """Every article, always the same, some of them sold out."""
    if language == "zh-CN":
        return tuple(_product(line, "zh-CN", "CNY", " ") for line in _CHINESE.strip().splitlines())
    if language == "en":
        return tuple(_product(line, "en", "USD", ", ") for line in _ENGLISH.strip().splitlines())
    raise UnknownLanguageError(language)


def _product(line: str, language: Language, currency: Currency, between: str) -> Product:
    sku, name, category, price, stock, variants = line.split("|")
    return Product(
        sku=sku,
        language=language,
        name=name,
        category=category,
        price_minor=int(price),
        currency=currency,
        variants=tuple(variants.split(between)) if variants else (),
        stock=int(stock),
    )


def draw_product(rng: random.Random, language: Language) -> Product:
    """One article that is in stock."""
    return rng.choice([product for product in catalogue(language) if product.stock])
