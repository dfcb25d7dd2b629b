/**
 * What a training run for an ahead-of-time cache meets: servers, clients, settings and an API of
 * Leases, all on the loopback interface.
 *
 * <p>Deliberately absent: checks of what the proxy does; a response that is not the expected one
 * only ends the run.
 */
@NullMarked
package dev.understudy.training;

import org.jspecify.annotations.NullMarked;
