/**
 * Mixed traffic with faults for a bounded time: every response is as expected, and what the process
 * holds is level at the end.
 */
@NullMarked
package dev.understudy.bench.soak;

import org.jspecify.annotations.NullMarked;
