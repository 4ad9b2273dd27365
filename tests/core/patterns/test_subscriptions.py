"""PrefixTree and TopicSet against models that look at every topic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from purezmq.core.patterns.subscriptions import FEW, PrefixTree, TopicSet

topics = st.text("ab", max_size=4).map(str.encode)
names = st.sampled_from("xyz")


class PrefixTreeModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.tree = PrefixTree()
        self.model = set()

    def holders(self, topic):
        return {who for known, who in self.model if known == topic}

    @rule(topic=topics, who=names)
    def add(self, topic, who):
        assert self.tree.add(topic, who) is (not self.holders(topic))
        self.model.add((topic, who))

    @rule(topic=topics, who=names)
    def remove(self, topic, who):
        assert self.tree.remove(topic, who) is (self.holders(topic) == {who})
        self.model.discard((topic, who))

    @rule(who=names, every=st.booleans())
    def remove_all(self, who, every):
        had = sorted(topic for topic, holder in self.model if holder == who)
        gone = [topic for topic in had if self.holders(topic) == {who}]
        assert self.tree.remove_all(who, every=every) == (had if every else gone)
        self.model = {(topic, holder) for topic, holder in self.model if holder != who}

    @rule(start=topics)
    def match(self, start):
        assert self.tree.match(start) == {who for topic, who in self.model if start.startswith(topic)}

    @invariant()
    def counts_and_lengths_are_right(self):
        known = {topic for topic, _ in self.model}
        assert len(self.tree) == len(known)
        assert self.tree.longest == max(map(len, known), default=0)

    @invariant()
    def everybody_is_who_gets_what_nobody_named(self):
        with_empty = {who for topic, who in self.model if not topic}
        some = {who for _, who in self.model} - with_empty
        assert self.tree.everybody() == (None if some else with_empty)


class TopicSetModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.set = TopicSet()
        self.model = {}

    @rule(topic=topics)
    def add(self, topic):
        assert self.set.add(topic) is (topic not in self.model)
        self.model[topic] = self.model.get(topic, 0) + 1

    @rule(topic=topics)
    def remove(self, topic):
        count = self.model.pop(topic, 0)
        assert self.set.remove(topic) is (count == 1)
        if count > 1:
            self.model[topic] = count - 1

    @rule(start=topics)
    def match(self, start):
        assert self.set.match(start) is any(start.startswith(topic) for topic in self.model)

    @rule(starts=st.lists(topics), inverted=st.booleans())
    def select(self, starts, inverted):
        messages = [start if len(start) % 2 else [start, b"body"] for start in starts]
        chosen = [
            m for m, start in zip(messages, starts, strict=True) if self.set.match(start) is not inverted
        ]
        assert self.set.select(messages, inverted) == chosen

    @invariant()
    def it_holds_the_distinct_topics(self):
        assert set(self.set) == set(self.model)
        assert len(self.set) == len(self.model)
        assert all(topic in self.set for topic in self.model)


TestPrefixTree = PrefixTreeModel.TestCase
TestTopicSet = TopicSetModel.TestCase


@pytest.mark.parametrize("count", [FEW, FEW + 1, 1000])
def test_topic_set_matches_alike_with_few_topics_and_many(count):
    subscribed = TopicSet()
    for i in range(count):
        subscribed.add(b"topic%d" % i)
    assert subscribed.match(b"topic7 and more")
    assert not subscribed.match(b"topic")
    assert not subscribed.match(b"other")


@pytest.mark.parametrize("extra", [[], [b"98765"]], ids=["one length", "two"])
def test_topic_set_selects_among_many_topics(extra):
    subscribed = TopicSet()
    for topic in [*(b"%04d" % number for number in range(0, 2000, 2)), *extra]:
        subscribed.add(topic)
    messages = [b"0002", [b"0004 and", b"more"], b"0003", [b"0005"], b"98765", b"000", b""]
    wanted = [*messages[:2], *extra]
    assert subscribed.select(messages, inverted=False) == wanted
    assert subscribed.select(messages, inverted=True) == [m for m in messages if m not in wanted]


def test_tree_matches_among_many_topics():
    tree = PrefixTree()
    for i in range(1000):
        tree.add(b"topic%d." % i, i % 7)
    tree.add(b"topic", "all")
    assert tree.match(b"topic123.x") == {123 % 7, "all"}


@given(st.lists(topics, min_size=1))
def test_who_left_matches_nothing(had):
    tree = PrefixTree()
    for topic in had:
        tree.add(topic, "x")
    tree.remove_all("x")
    assert tree.match(b"aaaabbbb") == frozenset()
    assert len(tree) == 0
