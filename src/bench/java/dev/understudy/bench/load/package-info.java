/**
 * The load generator: one event loop that sends prepared bytes and only counts what comes back, so
 * that it leaves the processors to those that are measured.
 */
@NullMarked
package dev.understudy.bench.load;

import org.jspecify.annotations.NullMarked;
