/** The page of results for readers, made of what the other commands have measured. */
@NullMarked
package dev.understudy.bench.results;

import org.jspecify.annotations.NullMarked;
