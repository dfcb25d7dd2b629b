/** From the start of a proxy's process to the first proxied response and to readiness. */
@NullMarked
package dev.understudy.bench.startup;

import org.jspecify.annotations.NullMarked;
