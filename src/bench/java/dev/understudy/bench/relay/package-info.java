/** {@code tcp}: the cost of relaying TCP, for each byte, message and connection. */
package dev.understudy.bench.relay;
