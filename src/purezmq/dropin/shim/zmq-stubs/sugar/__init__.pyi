from purezmq.sugar import *
from purezmq.sugar import attrsettr as attrsettr
from purezmq.sugar import context as context
from purezmq.sugar import error as error
from purezmq.sugar import frame as frame
from purezmq.sugar import poll as poll
from purezmq.sugar import socket as socket
from purezmq.sugar import stopwatch as stopwatch
from purezmq.sugar import tracker as tracker
from purezmq.sugar import version as version
