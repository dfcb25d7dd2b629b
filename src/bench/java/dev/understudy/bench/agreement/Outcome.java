package dev.understudy.bench.agreement;

/**
 * Times of one round, in nanoseconds.
 *
 * @param decisions of each pool: from the vote that makes a majority to the last replica's switch
 * @param skews of each pool: from the first replica's switch to the last one's
 * @param whole from the first pool's majority to the last switch of all
 */
record Outcome(long[] decisions, long[] skews, long whole) {}
