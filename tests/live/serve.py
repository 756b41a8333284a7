"""llama.cpp's own server, as the wheel of xllamacpp has it: `serve.py MODEL PORT`."""

import sys
import threading

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.n_ctx, params.n_parallel, params.warmup = 8192, 1, False
for threads in (params.cpuparams, params.cpuparams_batch):
    threads.n_threads, threads.poll = 1, 0  # on a busy machine threads that wait for one another are slower than one
server = xllamacpp.Server(params)
threading.Event().wait()
