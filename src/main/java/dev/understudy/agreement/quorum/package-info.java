/**
 * Agreement of replicas through a register: votes, the merge of all votes, and the records decided
 * from them.
 *
 * <p>Pure: {@link dev.understudy.agreement.quorum.MergedVotes}, {@link
 * dev.understudy.agreement.quorum.Settlement}, {@link
 * dev.understudy.agreement.quorum.ReadinessRule}, {@link dev.understudy.agreement.quorum.Ranking}.
 * The rest runs on the monitor's thread.
 *
 * <p>Deliberately absent: a leader, elections, terms, a log. The register's compare-and-swap orders
 * all writes, and any replica may make any of them. Absent too: any comparison of two replicas'
 * clocks.
 */
@NullMarked
package dev.understudy.agreement.quorum;

import org.jspecify.annotations.NullMarked;
