/** The one server that all proxies stand before. */
@NullMarked
package dev.understudy.bench.origin;

import org.jspecify.annotations.NullMarked;
