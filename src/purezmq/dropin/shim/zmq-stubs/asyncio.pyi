from purezmq.asyncio import *
