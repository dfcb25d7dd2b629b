/**
 * How replicas agree on the serving server. Today's only form is <i>standalone</i>: this process
 * decides, and may keep its decisions in a state file.
 *
 * <p>Deliberately absent: the choice itself (see {@code failover}).
 */
@NullMarked
package dev.understudy.agreement;

import org.jspecify.annotations.NullMarked;
