"""zmq.decorators, on both."""

from __future__ import annotations

import importlib
import threading

import pytest


@pytest.fixture
def decorators(zmq):
    yield importlib.import_module(f"{zmq.__name__}.decorators")
    zmq.Context.instance().destroy(linger=0)


def test_context_is_passed_and_destroyed(zmq, decorators):
    @decorators.context()
    def work(context):
        assert isinstance(context, zmq.Context)
        assert not context.closed
        return context

    assert work().closed
    assert work() is not work()


def test_socket_is_passed_and_closed(zmq, decorators):
    @decorators.context()
    @decorators.socket(zmq.PUSH)
    def work(context, socket):
        assert socket.context is context
        assert socket.type == zmq.PUSH
        assert not socket.closed
        return socket

    assert work().closed


def test_socket_without_a_context_belongs_to_the_instance(zmq, decorators):
    @decorators.socket(zmq.PUSH)
    def work(socket):
        return socket.context is zmq.Context.instance()

    assert work()


def test_what_is_made_comes_after_the_arguments(zmq, decorators):
    @decorators.context()
    @decorators.socket(zmq.PUB)
    @decorators.socket(zmq.SUB)
    def work(one, two, context, pub, sub, three=None):
        assert (pub.type, sub.type) == (zmq.PUB, zmq.SUB)
        assert pub.context is sub.context is context
        return one, two, three

    assert work(1, 2, three=3) == (1, 2, 3)


@pytest.mark.parametrize("by_keyword", [True, False])
def test_what_is_made_may_have_a_name(zmq, decorators, by_keyword):
    naming = (lambda name: ((), {"name": name})) if by_keyword else (lambda name: ((name,), {}))

    def decorate(decorator, name, *args):
        front, keywords = naming(name)
        return decorator(*front, *args, **keywords)

    @decorate(decorators.context, "context")
    @decorate(decorators.socket, "second", zmq.PULL)
    @decorate(decorators.socket, "first", zmq.PUSH)
    def work(first, second, context):
        assert (first.type, second.type) == (zmq.PUSH, zmq.PULL)
        assert first.context is context
        return True

    assert work()


def test_name_that_is_given_twice_is_refused(zmq, decorators):
    @decorators.socket("socket", zmq.PUSH)
    def work(socket):
        pytest.fail("called")

    with pytest.raises(TypeError, match=r"work\(\) got multiple values for argument 'socket'"):
        work(socket=1)


def test_context_may_be_passed_by_the_caller(zmq, decorators, context):
    @decorators.socket(zmq.PUSH)
    def by_keyword(socket, context=None):
        return socket.context

    @decorators.socket(zmq.PUSH)
    def by_place(given, socket):
        return socket.context

    @decorators.socket(zmq.PUSH, context_name="ctx")
    def by_another_name(socket, ctx=None):
        return socket.context

    assert by_keyword(context=context) is context
    assert by_place(context) is context
    assert by_another_name(ctx=context) is context
    assert by_keyword(context="none") is zmq.Context.instance()


def test_other_arguments_go_to_what_makes_it(zmq, decorators):
    @decorators.context(3)
    @decorators.socket(zmq.PUSH, copy_threshold=7)
    def work(context, socket):
        return context.io_threads, socket.copy_threshold

    assert work() == (3, 7)


def test_errors_pass_and_close(zmq, decorators):
    made = []

    @decorators.context()
    @decorators.socket(zmq.PUSH)
    def work(*given):
        made.extend(given)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        work()
    assert all(each.closed for each in made)


def test_methods_may_be_decorated(zmq, decorators):
    class Worker:
        @decorators.context()
        @decorators.socket(zmq.PUSH)
        def work(self, context, socket):
            return self, socket.context is context

    worker = Worker()
    assert worker.work() == (worker, True)


def test_decorated_function_keeps_its_name(decorators):
    @decorators.context()
    def work(context):
        """Says what it does."""

    assert (work.__name__, work.__doc__) == ("work", "Says what it does.")


def test_each_call_and_thread_has_its_own(zmq, decorators):
    @decorators.socket(zmq.PUSH)
    def work(socket):
        made.append(socket)
        barrier.wait(5)

    made = []
    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, made))) == 4
