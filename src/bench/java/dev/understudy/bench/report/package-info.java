/** The output. */
@NullMarked
package dev.understudy.bench.report;

import org.jspecify.annotations.NullMarked;
