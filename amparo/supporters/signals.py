"""What this floor announces; upper floors listen in their `receivers.py`. Sent inside the transaction of the deed."""

from __future__ import annotations

from django.dispatch import Signal

#: A line was added to the ledger. Arguments: `supporter_id`.
consent_changed = Signal()
#: Somebody's postal code is another one now. Arguments: `supporter` (with the new one, not saved yet), `before` (the
#: area in which they lived), `now`; receivers answer with the area where it lies, or with nothing unless they are sure.
postal_code_changed = Signal()
#: Somebody unsubscribed from everything: what they asked to be told of ends too. Arguments: `supporter`, `now`.
everything_stopped = Signal()
#: A person is being erased: remove or empty whatever is theirs. Arguments: `supporter`, `now`.
supporter_erased = Signal()
#: Two records were found to be one person, or are two again. Arguments: `merge`, `now`.
supporters_merged = Signal()
supporters_separated = Signal()
#: Somebody looks at what a merge would do. Arguments: `survivor`, `absorbed`; receivers answer with sentences about
#: what would become of what their floor keeps.
merge_considered = Signal()
#: Somebody asked for the link to their preference centre. Arguments: `supporter`, `language`, `now`.
link_requested = Signal()
#: Somebody wants to be written to at another address, which has to be confirmed from there first.
#: Arguments: `change` (supporters.models.AddressChange), `now`.
address_change_requested = Signal()
#: A complaint came in, or was answered. Arguments: `complaint` (supporters.models.Complaint), `now`.
complaint_received = Signal()
complaint_answered = Signal()
