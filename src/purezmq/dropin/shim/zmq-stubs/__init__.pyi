from purezmq import *
from purezmq import asyncio as asyncio
from purezmq import backend as backend
from purezmq import constants as constants
from purezmq import error as error
from purezmq import sugar as sugar
from purezmq import utils as utils
from purezmq.constants import *
