/** The proxies that are compared, each a process of its own with a generated configuration. */
@NullMarked
package dev.understudy.bench.peer;

import org.jspecify.annotations.NullMarked;
