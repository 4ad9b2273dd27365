"""PUB, SUB, XPUB, XSUB: topics out to whoever subscribed (RFC 29; libzmq's xpub.cpp, xsub.cpp).

Publishers:

- A subscription is a SUBSCRIBE or CANCEL command, or a message part of \\x01 or \\x00 and the topic (peers
  before ZMTP 3.1, and XSUB applications). It takes effect when it arrives.
- XPUB's application reads them as \\x01topic and \\x00topic: the first subscription to a topic and the last
  cancellation; XPUB_VERBOSE adds repeated subscriptions, XPUB_VERBOSER repeated cancellations too. A peer that
  leaves cancels all it had. Other messages from subscribers are delivered by XPUB and dropped by PUB.
- With XPUB_MANUAL nothing takes effect by itself: the application reads every request, and its subscribe()
  and unsubscribe() count for the peer whose request it read last.
- With XPUB_MANUAL_LAST_VALUE, too, and the next message after a request was read goes only to who made it.
- XPUB_WELCOME_MSG goes to each new peer, before and whatever it subscribes to.
- With ONLY_FIRST_SUBSCRIBE only the first part of a message may be a subscription, or all if the first is one.

Subscribers:

- Each subscribe wants its unsubscribe. Repeated ones are sent upstream, since XPUB_VERBOSE shows them; of the
  cancellations only the last one is, if not XSUB_VERBOSE_UNSUBSCRIBE. All topics are sent, once each, whenever a
  link comes up.
- SUB filters again what arrives; XSUB does not. INVERT_MATCHING, at both ends, turns the meaning around.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from purezmq.constants import Errno, SocketOption, SocketType
from purezmq.core.message import Command, Message, Part, from_parts, parts_of
from purezmq.core.options import SocketOptions
from purezmq.core.patterns.fair_queue import FairQueued
from purezmq.core.patterns.fan_out import FanOut, give
from purezmq.core.patterns.pattern import Pattern
from purezmq.core.patterns.subscriptions import PrefixTree, TopicSet
from purezmq.core.pipe import UNLIMITED, Pipe
from purezmq.core.statistics import Dropped
from purezmq.core.wire.commands import SUBSCRIPTIONS
from purezmq.errors import error

SUBSCRIBERS = frozenset({SocketType.SUB, SocketType.XSUB})
PUBLISHERS = frozenset({SocketType.PUB, SocketType.XPUB})

_TOLD = "told"  # state of a publisher's pipe: our subscriptions are in its outbox, or beyond


class XPub(Pattern):
    """Publishes, and shows the application who subscribes to what."""

    socket_type: ClassVar[SocketType] = SocketType.XPUB
    peers: ClassVar[frozenset[SocketType]] = SUBSCRIBERS
    can_subscribe: ClassVar[bool] = True
    takes: ClassVar[frozenset[bytes]] = SUBSCRIPTIONS

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._fan_out = FanOut(options, self.pipes, self.dirty)
        self._requested: PrefixTree[Pipe] = PrefixTree()  # what peers asked for under XPUB_MANUAL
        self._pending: deque[Message] = deque()  # for the application
        self._origins: deque[Pipe | None] = deque()  # under XPUB_MANUAL: where each of `_pending` came from
        self._manual = False
        self.option_changed(SocketOption.XPUB_MANUAL)

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        self._fan_out.changed()
        if self.options.xpub_welcome_msg:
            pipe.push(self.options.xpub_welcome_msg)
            self.dirty.append(pipe)

    def detach(self, pipe: Pipe) -> None:
        self.arrived(pipe)
        super().detach(pipe)
        if pipe is self.last_pipe:
            self.last_pipe = None
        gone = self._requested.remove_all(pipe, every=True)
        subscribed = self._fan_out.tree.remove_all(pipe, every=self.options.xpub_verbose > 1)
        self._fan_out.changed()
        if self._manual:
            self._origins = deque(None if origin is pipe else origin for origin in self._origins)
        else:
            gone = subscribed
        for topic in gone:
            self._show(b"\0" + topic, None)

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(items: list[Any]) -> None:
            taken = 0
            try:
                for item in items:
                    self._take_in(item, pipe)
                    taken += 1
            finally:
                del items[:taken]

        return accept

    def arrived(self, pipe: Pipe) -> None:
        inbox = pipe.inbox
        while inbox:
            self._take_in(inbox[0], pipe)
            inbox.popleft()
        if pipe.paused:
            pipe.link.resume()

    def receive(self) -> Message | None:
        try:
            message = self._pending.popleft()
        except IndexError:
            return None
        if self._manual:
            self.last_pipe = self._origins.popleft()
        return message

    def readable(self) -> bool:
        return bool(self._pending)

    def queued_in(self) -> int:
        return len(self._pending)

    def send(self, message: Message) -> bool:
        last = self.last_pipe if self._manual and self.options.xpub_manual_last_value else None
        if last is not None or self.options.xpub_nodrop:
            targets = self._fan_out.targets(message)
            if last is not None:
                targets = (last,) if last in targets else ()
            if self.options.xpub_nodrop and any(pipe.room() <= 0 for pipe in targets):
                return False
            if last is not None:
                self.last_pipe = None
                give(targets, [message])
                self.dirty.extend(targets)
                return True
        self._fan_out.distribute([message])
        return True

    def distribute(self, messages: list[Message]) -> int:
        if self.options.xpub_nodrop or self.options.xpub_manual_last_value:
            return super().distribute(messages)
        count = len(messages)
        self._fan_out.distribute(messages)
        self.spread = self._fan_out.spread
        return count - len(messages)

    def room(self) -> int:
        return 0 if self.options.xpub_nodrop or self.options.xpub_manual_last_value else UNLIMITED

    def topics(self) -> int:
        return len(self._fan_out.tree)

    def writable(self) -> bool:
        # Even with XPUB_NODROP and full peers: it depends on the topic.
        return True

    def dropped(self) -> Dropped:
        return super().dropped()._replace(no_peer=self._fan_out.unwanted)

    def audience(self, start: bytes) -> int:
        return len(self._fan_out.targets(start))

    def subscribe(self, topic: bytes) -> None:
        pipe = self._answered_pipe()
        if pipe is not None:
            self._fan_out.tree.add(topic, pipe)
            self._fan_out.changed()

    def unsubscribe(self, topic: bytes) -> None:
        pipe = self._answered_pipe()
        if pipe is not None:
            self._fan_out.tree.remove(topic, pipe)
            self._fan_out.changed()

    def option_changed(self, number: int) -> None:
        if number == SocketOption.XPUB_MANUAL_LAST_VALUE:
            self.options.xpub_manual = self.options.xpub_manual_last_value
            number = SocketOption.XPUB_MANUAL
        if number == SocketOption.XPUB_MANUAL:
            self._manual = self.options.xpub_manual != 0
            self._origins = deque([None] * len(self._pending)) if self._manual else deque()
            self.direct = None if self._manual else self._pending

    def _answered_pipe(self) -> Pipe | None:
        # Whose request the application has read and now answers; None when that peer has left.
        if not self._manual:
            raise error(Errno.EINVAL, "a publisher subscribes its peers only under XPUB_MANUAL")
        return self.last_pipe

    def _take_in(self, item: Any, pipe: Pipe) -> None:
        if item.__class__ is Command:
            subscribing = item.name == b"SUBSCRIBE"
            if self._request(item.body, pipe, subscribing):
                self._show((b"\1" if subscribing else b"\0") + item.body, pipe)
            return
        # As in libzmq, each part may be a subscription, and one that is shown ends the message it stands in.
        message: list[Part] = []
        parts = parts_of(item)
        heeded = len(parts)  # so many may be subscriptions
        if self.options.only_first_subscribe and bytes(parts[0])[:1] not in (b"\1", b"\0"):
            heeded = 0
        for place, part in enumerate(parts):
            body = part if part.__class__ is bytes else bytes(part)
            if place >= heeded or (body[:1] != b"\1" and body[:1] != b"\0"):
                message.append(body)
            elif self._request(body[1:], pipe, body[:1] == b"\1"):
                self._show(from_parts([*message, body]), pipe)
                message = []
        if message:
            self._show(from_parts(message), pipe)

    def _request(self, topic: bytes, pipe: Pipe, subscribing: bool) -> bool:
        # Return whether the application is to see it.
        if self._manual:
            tree, shown = self._requested, True
        else:
            tree, shown = self._fan_out.tree, self.options.xpub_verbose > (0 if subscribing else 1)
            self._fan_out.changed()
        if subscribing:
            return tree.add(topic, pipe) or shown
        return tree.remove(topic, pipe) or shown

    def _show(self, message: Message, origin: Pipe | None) -> None:
        self._pending.append(message)
        if self._manual:
            self._origins.append(origin)


class Pub(XPub):
    """Publishes."""

    socket_type: ClassVar[SocketType] = SocketType.PUB
    can_receive: ClassVar[bool] = False
    can_subscribe: ClassVar[bool] = False
    can_conflate: ClassVar[bool] = True
    one_connection_per_endpoint: ClassVar[bool] = True

    def _show(self, message: Message, origin: Pipe | None) -> None:
        """Keep nothing: nobody reads it."""


class XSub(FairQueued):
    """Receives; subscribes, and speaks to the publishers, by sending."""

    socket_type: ClassVar[SocketType] = SocketType.XSUB
    stages: ClassVar[bool] = True
    peers: ClassVar[frozenset[SocketType]] = PUBLISHERS

    def __init__(self, options: SocketOptions, random: Callable[[int], bytes]) -> None:
        super().__init__(options, random)
        self._topics = TopicSet()

    def attach(self, pipe: Pipe) -> None:
        super().attach(pipe)
        self._tell_all(pipe)

    def ready(self, pipe: Pipe) -> None:
        if pipe.state is not _TOLD:
            self._tell_all(pipe)

    def hiccup(self, pipe: Pipe) -> None:
        # `ready` will say it all again.
        pipe.state = None
        waiting = [item for item in pipe.outbox if item.__class__ is not Command]
        pipe.outbox.clear()
        pipe.outbox.extend(waiting)

    def _tell_all(self, pipe: Pipe) -> None:
        # Past the HWM if need be: a subscription that is dropped, as libzmq drops it, is never made up for.
        pipe.state = _TOLD
        pipe.outbox.extend([Command(b"SUBSCRIBE", topic) for topic in self._topics])
        self.dirty.append(pipe)

    def send(self, message: Message) -> bool:
        useless = True
        requests = False
        only_first = self.options.only_first_subscribe
        for part in parts_of(message):
            body = part if part.__class__ is bytes else bytes(part)
            if only_first and not requests and not useless:
                break  # the first part is no subscription, so none is
            if body[:1] == b"\1":
                self._topics.add(body[1:])
                requests, useless = True, False
            elif body[:1] == b"\0":
                requests = True
                last = self._topics.remove(body[1:])
                useless = useless and not last and not self.options.xsub_verbose_unsubscribe
            else:
                useless = False
        if not useless:
            # Whoever has lost the link is told all topics when it is back.
            targets = [pipe for pipe in self.pipes if pipe.state is _TOLD or not requests]
            give(tuple(targets), [message])
            self.dirty.extend(targets)
        return True

    def room(self) -> int:
        return UNLIMITED

    def topics(self) -> int:
        return len(self._topics)

    def writable(self) -> bool:
        return True


class Sub(XSub):
    """Receives what it subscribed to."""

    socket_type: ClassVar[SocketType] = SocketType.SUB
    can_send: ClassVar[bool] = False
    can_subscribe: ClassVar[bool] = True
    can_conflate: ClassVar[bool] = True
    one_connection_per_endpoint: ClassVar[bool] = True

    def attach(self, pipe: Pipe) -> None:
        if pipe.conflate and not pipe.inproc:
            # CONFLATE is for messages: of the subscriptions none may be lost.
            pipe.outbox = deque()
        super().attach(pipe)

    def acceptor(self, pipe: Pipe) -> Callable[[list[Any]], None]:
        def accept(messages: list[Any]) -> None:
            wanted = messages[:] if self._takes_all() else self._select(messages)
            if len(wanted) < len(messages):
                self.thrown_away(pipe, len(messages) - len(wanted))
            del messages[:]
            pipe.inbox.extend(wanted)

        return accept

    def receive(self) -> Message | None:
        queue = self._queue
        while (message := super().receive()) is not None:
            pipe = queue.last
            assert pipe is not None
            if not pipe.inproc or self._takes_all() or self._select([message]):
                break
            self.thrown_away(pipe)
        return message

    def readable(self) -> bool:
        queue = self._queue
        while (message := queue.peek()) is not None:
            pipe = queue.last
            assert pipe is not None
            if not pipe.inproc or self._takes_all() or self._select([message]):
                return True
            queue.throw_away(self)
        return False

    def subscribe(self, topic: bytes) -> None:
        self._topics.add(topic)
        self._tell(Command(b"SUBSCRIBE", topic))
        self._set_direct()

    def unsubscribe(self, topic: bytes) -> None:
        if self._topics.remove(topic):
            self._tell(Command(b"CANCEL", topic))
            self._set_direct()
            self._filter_again()

    def option_changed(self, number: int) -> None:
        if number == SocketOption.INVERT_MATCHING:
            self._set_direct()
            self._filter_again()

    def send(self, message: Message) -> bool:
        return False

    def room(self) -> int:
        return 0

    def writable(self) -> bool:
        return False

    def _takes_all(self) -> bool:
        return b"" in self._topics and not self.options.invert_matching

    def _select(self, messages: list[Any]) -> list[Any]:
        return self._topics.select(messages, self.options.invert_matching != 0)

    def _set_direct(self) -> None:
        super()._set_direct()
        if (
            self.direct is not None
            and not self._takes_all()
            and any(pipe.inproc for pipe in self._queue.pipes)
        ):
            self._queue.unstage()
            self.direct = None

    def _tell(self, command: Command) -> None:
        for pipe in self.pipes:
            if pipe.state is _TOLD:
                pipe.push(command)
                self.dirty.append(pipe)

    def _filter_again(self) -> None:
        # libzmq filters when a message is read, so what was queued under an old subscription vanishes.
        self._queue.unstage()
        for pipe in [*self._queue.pipes, *self._queue.leaving]:
            if pipe.inproc:
                continue  # filtered when it is read
            # From the newest on: a direct reader, who takes the oldest without the lock, keeps the order.
            taken = []
            while pipe.inbox:
                taken.append(pipe.inbox.pop())
            taken.reverse()
            wanted = self._select(taken)
            self.thrown_away(pipe, len(taken) - len(wanted))
            pipe.inbox.extend(wanted)
