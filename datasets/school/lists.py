"""The category tree of tickets, and how a contact can end."""

from typing import NamedTuple


class Category(NamedTuple):
    """`code` of the parent, dot, own word; the two titles."""

    code: str
    chinese: str
    english: str

    @property
    def parent(self) -> str | None:
        """The code of the node above."""
        return self.code.rpartition(".")[0] or None


class Disposition(NamedTuple):
    """`queues` empty: for all."""

    code: str
    chinese: str
    english: str
    queues: tuple[str, ...] = ()


CATEGORIES: tuple[Category, ...] = tuple(
    Category(*line.split("|"))
    for line in """
order|订单|Order
order.where|查物流|Where is it
order.change|改地址、改时间|Change address or time
order.cancel|取消订单|Cancel
order.invoice|发票|Invoice
goods|商品|Goods
goods.advice|选购咨询|What to buy
goods.use|使用方法|How to use it
goods.missing|少件、错发|Missing or wrong item
goods.broken|质量问题|Faulty
goods.broken.noise|有异响|Noisy
goods.broken.dead|不通电|Does not switch on
goods.broken.other|其他故障|Something else
return|退换货|Returns
return.refund|退款|Refund
return.exchange|换货|Exchange
return.late|退款没到账|Refund has not arrived
member|会员|Membership
member.points|积分|Points
member.data|修改资料|Change of details
service|服务|Service
service.praise|表扬|Praise
service.complaint|投诉服务态度|Complaint about an agent
service.idea|建议|Suggestion
other|其他|Other
""".strip().splitlines()
)

DISPOSITIONS: tuple[Disposition, ...] = (
    Disposition("solved", "当场解决", "Solved on the call"),
    Disposition("ticket", "已建工单", "Ticket opened"),
    Disposition("callback", "需要回电", "Has to be called back"),
    Disposition("forwarded", "已转其他部门", "Passed on"),
    Disposition("ordered", "已下单", "Ordered", ("order",)),
    Disposition("thinking", "客户再考虑", "Wants to think about it", ("order",)),
    Disposition("answered", "完成问卷", "Survey finished", ("survey",)),
    Disposition("refused", "客户不愿参加", "Did not want to take part", ("survey",)),
    Disposition("wrong_number", "打错电话", "Wrong number"),
    Disposition("no_words", "无人说话", "Nobody spoke"),
    Disposition("cut_off", "通话中断", "Cut off"),
)
