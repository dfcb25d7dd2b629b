/** What is printed. */
@NullMarked
package dev.understudy.bench.report;

import org.jspecify.annotations.NullMarked;
