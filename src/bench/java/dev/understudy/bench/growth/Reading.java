package dev.understudy.bench.growth;

/**
 * A proxy with so much of something; NaN: it has no such thing.
 *
 * @param heapMegabytes after a full collection
 * @param restPercent CPU time without requests, in hundredths of one CPU
 * @param reloadMillis until a changed file is in force
 * @param scrapeMillis of Prometheus
 * @param pageMillis what the console, or the page of statistics, loads first
 */
record Reading(
    int count,
    double rssMegabytes,
    double heapMegabytes,
    double restPercent,
    double reloadMillis,
    double scrapeMillis,
    double pageMillis) {}
