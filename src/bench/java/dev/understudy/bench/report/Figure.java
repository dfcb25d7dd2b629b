package dev.understudy.bench.report;

/** What is kept of a measurement for the page of results; the name has the unit. */
public enum Figure {
  /** Of the proxy, for each request. */
  CPU_MICROS,
  /** The same in terms of the installed HAProxy's. */
  CPU_OF_INSTALLED,
  /** The same in terms of the newest HAProxy's. */
  CPU_OF_NEWEST,
  /** Requests at saturation. */
  PER_SECOND,
  /** At saturation. */
  P99_MILLIS,
  /** At the fixed rate. */
  PACED_P99_MILLIS,
  /** Requests without a good response, of all rounds. */
  FAILED,
  /** Of the proxy's process. */
  RSS_MB,
  /** RSS after the 1 KB scenario. */
  LOADED_RSS_MB,
  /** After a full collection. */
  HEAP_MB,
  /** From the start of the process. */
  FIRST_RESPONSE_SECONDS,
  /** From the start of the process. */
  READY_SECONDS,
  /** Requests that were sent. */
  REQUESTS,
  /** Requests without a response of 200. */
  LOST,
  /** Of these, those that could have been repeated without harm. */
  LOST_FOR_NOTHING,
  /** POSTs that the servers executed more than once. */
  TWICE,
  /** The longest time without a response. */
  GAP_SECONDS,
  /** The longest that a request took. */
  WORST_SECONDS,
  /** WebSocket clients that got a close frame. */
  TOLD,
  /** WebSocket clients that got none. */
  CUT,
  /** Until a request costs what it costs for good. */
  PEAK_SECONDS,
  /** Of the first seconds' requests, those that took more than 10 ms. */
  SLOWER_THAN_10_MILLIS,
  /** Of the first seconds' requests, those that took more than 100 ms. */
  SLOWER_THAN_100_MILLIS,
  /** The slowest of the first seconds' requests. */
  WORST_AT_FIRST_MILLIS,
  /** How many pools, clients or events. */
  COUNT,
  /** CPU time without traffic, in hundredths of a CPU. */
  REST_PERCENT,
  /** Until a changed configuration is in force. */
  RELOAD_MILLIS,
  /** Of Prometheus. */
  SCRAPE_MILLIS,
  /** What the console, or the page of statistics, loads first. */
  PAGE_MILLIS
}
