"""The exchange's fixed sentences by topic: id → (Chinese, English). Figures are in `datasets.sayings`."""

from datasets.phrases import accounts, calling_back, conference, connecting, features, hours, mailbox, queueing

Phrases = dict[str, tuple[str, str]]

TOPICS: tuple[Phrases, ...] = (
    hours.PHRASES,
    accounts.PHRASES,
    queueing.PHRASES,
    calling_back.PHRASES,
    mailbox.PHRASES,
    connecting.PHRASES,
    conference.PHRASES,
    features.PHRASES,
)
