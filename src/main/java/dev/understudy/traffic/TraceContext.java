package dev.understudy.traffic;

/**
 * The identity of a request's span, by which log lines and exemplars point to its trace (W3C Trace
 * Context).
 *
 * @param traceId 32 lower-case hexadecimal digits
 * @param spanId 16 lower-case hexadecimal digits
 * @param sampled whether the trace is recorded, so that a reference to it leads somewhere
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {}
