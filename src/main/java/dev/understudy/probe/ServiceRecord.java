package dev.understudy.probe;

/**
 * One SRV record (RFC 2782).
 *
 * @param priority the lower is preferred
 * @param host the target, in small letters and without a dot at its end
 * @param port 1 to 65535
 */
public record ServiceRecord(int priority, String host, int port) {}
