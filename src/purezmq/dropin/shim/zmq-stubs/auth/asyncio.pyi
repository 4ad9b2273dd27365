from purezmq.auth.asyncio import *
