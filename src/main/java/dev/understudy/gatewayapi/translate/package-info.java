/**
 * Pure: what the objects of a cluster come to. Listeners, pools and routes as the dynamic file
 * makes them, and what each object's status is to say.
 *
 * <p>Deliberately absent: the API, time, and what is in force.
 */
@NullMarked
package dev.understudy.gatewayapi.translate;

import org.jspecify.annotations.NullMarked;
