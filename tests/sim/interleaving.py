"""Threads that take turns as a schedule says: every order of their steps, up to a bound.

Real threads run real code, one at a time. Before certain lines, and at each wait, a controller decides who goes on.
By itself it lets a thread run until it waits, and then the first of the others that can; a schedule is where it
deviates from that (who begins is free). `all_schedules` runs all with up to so many deviations: the bound that finds
nearly every race with one or two (Emmi, Qadeer, Rakamarić: Delay-bounded scheduling, 2011).

Whatever the tasks wait for must wait by Controller.wait: locks and poll objects need stand-ins.
"""

import _thread
import sys


def closed_gate():
    """Return a lock that `release` opens for one."""
    gate = _thread.allocate_lock()  # threading's semaphores take ten times as long
    gate.acquire()
    return gate


class Task:
    """One thread of a schedule."""

    def __init__(self, name, action):
        self.name = name
        self.action = action
        self.turn = closed_gate()
        self.ready = None  # while it waits: whether it may go on
        self.done = False


class Controller:
    """Runs tasks one at a time, by a list of choices; `trail` is what could have been chosen, and what was."""

    def __init__(self, choices, deviations, points):
        self.choices = choices
        self.points = points
        self.trail = []
        self.left = deviations
        self.tasks = []
        self.current = None
        self.failure = None
        self.over = closed_gate()

    def run(self, actions):
        """Run these (name, callable) to their ends; raise what one of them raises, or that all wait."""
        self.tasks = [Task(name, action) for name, action in actions]
        for task in self.tasks:
            _thread.start_new_thread(self._body, (task,))
        self._give(self.tasks[self._take_choice(len(self.tasks))])  # whoever begins is free
        self.over.acquire()
        if self.failure is not None:
            raise self.failure

    def _body(self, task):
        task.turn.acquire()
        sys.settrace(self._trace)
        try:
            if self.failure is None:
                task.action()
        except Abandoned:
            pass
        except BaseException as failure:
            self.failure = self.failure or failure
        finally:
            sys.settrace(None)
            task.done = True
            self._pass_on()

    def _trace(self, frame, event, argument):
        return self._line if self.left and self.points(frame.f_code) else None

    def _line(self, frame, event, argument):
        if not self.left:
            return None  # nothing is left to choose: go on at full speed
        if event == "line" and frame.f_lineno in self.points(frame.f_code):
            self._point()
        return self._line

    def _choose(self, count):
        """Return which of so many goes on: 0 unless the schedule deviates here."""
        if count == 1 or not self.left:
            return 0
        choice = self._take_choice(count)
        if choice:
            self.left -= 1
        return choice

    def _take_choice(self, count):
        choice = self.choices[len(self.trail)] if len(self.trail) < len(self.choices) else 0
        self.trail.append((count, choice))
        return choice

    def _others(self):
        return [
            task
            for task in self.tasks
            if task is not self.current and not task.done and (task.ready is None or task.ready())
        ]

    def _point(self):
        """The current task could be preempted here."""
        others = self._others()
        if others and (choice := self._choose(len(others) + 1)):
            self._switch(others[choice - 1])

    def wait(self, ready, long=True):
        """Let others go on until `ready()`; a wait that is not long ends by itself when they wait or are slow."""
        me = self.current
        me.ready = ready if long else lambda: True
        if not long or not me.ready():
            options = self._others() + ([] if long else [me])
            if not options:
                names = ", ".join(task.name for task in self.tasks if not task.done)
                raise AssertionError(f"{names}: waiting, and nobody is going to wake them")
            task = options[self._choose(len(options))]
            if task is not me:
                self._switch(task)
        me.ready = None

    def _switch(self, task):
        me = self.current
        self._give(task)
        me.turn.acquire()
        if self.failure is not None:
            raise Abandoned
        self.current = me

    def _give(self, task):
        self.current = task
        task.turn.release()

    def _pass_on(self):
        """The current task is at its end."""
        waiting = [task for task in self.tasks if not task.done]
        options = self._others()
        if not waiting:
            self.over.release()
        elif self.failure is None and options:
            self._give(options[self._choose(len(options))])
        else:
            names = ", ".join(task.name for task in waiting)
            self.failure = self.failure or AssertionError(
                f"{names}: waiting, and nobody is going to wake them"
            )
            self._give(waiting[0])


class Abandoned(BaseException):
    """Another task has failed; end this one."""


def all_schedules(scene, deviations, points):
    """Run the scene, which is given a Controller, under every schedule; return how many there are.

    `points(code)` are the numbers of the lines of a function before which another task may get its turn.
    """
    choices = []
    for count in range(1, 1_000_000):
        controller = Controller(choices, deviations, points)
        try:
            scene(controller)
        except BaseException as failure:
            failure.add_note(f"schedule {count}: {[choice for _, choice in controller.trail]}")
            raise
        trail = controller.trail
        while trail and trail[-1][1] + 1 >= trail[-1][0]:
            trail.pop()
        if not trail:
            return count
        choices = [choice for _, choice in trail[:-1]] + [trail[-1][1] + 1]
    raise AssertionError("too many schedules")
