from purezmq.utils.jsonapi import *
