"""What an agent hears at feature codes: park, pick up, do not disturb, follow-me, states."""

PHRASES = {
    "parked": ("通话已驻留。", "The call is parked."),
    "park-full": ("没有空闲的驻留位，通话没有驻留。", "There's no free place to park the call, so you still have it."),
    "park-empty": ("这个驻留位没有通话。", "There's no call parked there."),
    "park-returned": ("驻留的通话没有人取回，现在转回给您。", "Nobody took the parked call, so it's back with you."),
    "fetched": ("已取回通话。", "You have the call back."),
    "pickup-nothing": ("没有可以代接的来电。", "There's no call to pick up."),
    "picked-up": ("已代接来电。", "You've picked up the call."),
    "dnd-on": ("免打扰已开启。", "Do not disturb is on."),
    "dnd-off": ("免打扰已关闭。", "Do not disturb is off."),
    "follow-me-on": ("分机随行已开启。", "Follow me is on."),
    "follow-me-off": ("分机随行已关闭。", "Follow me is off."),
    "follow-me-number": ("请输入随行号码，按井号键结束。", "Please enter the number, then press the hash key."),
    "follow-me-none": ("您还没有设置随行号码。", "You haven't set a number to follow you yet."),
    "follow-me-call": (
        "这是转给您的来电，接听请按1，拒绝请按2。",
        "This is a call that has followed you. To take it, press 1. To refuse it, press 2.",
    ),
    "seat-ready": ("您已示闲。", "You're ready for calls."),
    "seat-not-ready": ("您已示忙。", "You're not taking calls."),
    "seat-signed-on": ("签入成功。", "You're signed on."),
    "seat-signed-off": ("签出成功。", "You're signed off."),
    "set-aside": (
        "您没有接听来电，已被设为示忙。",
        "You missed a call, so I've set you to not ready.",
    ),
    "not-allowed": ("对不起，您没有这个权限。", "Sorry, you aren't allowed to do that."),
    "unknown-code": ("没有这个功能码。", "There's no such code."),
    "done": ("操作成功。", "Done."),
    "cancelled": ("已取消。", "Cancelled."),
    "failed": ("操作没有成功，请再试一次。", "That didn't work. Please try again."),
}
