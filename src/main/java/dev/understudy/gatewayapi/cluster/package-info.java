/**
 * The Gateway API's way in and out: from the API of a cluster to its objects, each kind listed and
 * watched, and from what is to be said of them to their status and to Events.
 *
 * <p>Deliberately absent: what objects mean, which is {@code gatewayapi.translate}, and what is in
 * force.
 */
@NullMarked
package dev.understudy.gatewayapi.cluster;

import org.jspecify.annotations.NullMarked;
