from purezmq.utils import *
from purezmq.utils import interop as interop
from purezmq.utils import jsonapi as jsonapi
