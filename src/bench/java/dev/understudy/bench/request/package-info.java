/** What one request costs, and how long it takes. */
@NullMarked
package dev.understudy.bench.request;

import org.jspecify.annotations.NullMarked;
