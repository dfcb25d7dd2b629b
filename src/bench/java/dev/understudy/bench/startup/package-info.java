/** From the start of the process to the first proxied response. */
@NullMarked
package dev.understudy.bench.startup;

import org.jspecify.annotations.NullMarked;
