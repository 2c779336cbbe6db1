"""Times Dask for bench/engine/peers.ts: `peers.py threaded|distributed COUNT` prints JSON, or one line that says what is missing.

threaded: tasks that do nothing, in one graph, on Dask's pool of threads. distributed: tasks that double a number, on two worker
processes that are up before the clock starts.
"""
import json
import sys
import time


def twice(number):
    return 2 * number


def main():
    kind, count = sys.argv[1], int(sys.argv[2])
    try:
        import dask
        import dask.threaded

        if kind == "distributed":
            from distributed import Client, LocalCluster
    except ImportError as error:
        print(json.dumps({"missing": str(error)}))
        return
    if kind == "threaded":
        graph = {("item", number): (twice, number) for number in range(count)}
        start = time.perf_counter()
        dask.threaded.get(graph, list(graph))
        seconds = time.perf_counter() - start
    else:
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
            client.gather(client.map(twice, range(-10, 0)))
            start = time.perf_counter()
            client.gather(client.map(twice, range(count)))
            seconds = time.perf_counter() - start
    print(json.dumps({"version": dask.__version__, "seconds": seconds}))


if __name__ == "__main__":
    main()
