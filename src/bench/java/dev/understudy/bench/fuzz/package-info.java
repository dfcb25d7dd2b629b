/** The tests' fuzzing for as long as one likes. */
package dev.understudy.bench.fuzz;
