/**
 * What clients see when many servers fail at once and the proxy has little CPU: a quota, or a
 * machine that is busy with others; Understudy beside HAProxy.
 */
@NullMarked
package dev.understudy.bench.starved;

import org.jspecify.annotations.NullMarked;
