/**
 * The program: the command that the arguments name, and the proxy as a Spring Boot application,
 * which adds the Gateway lane, the management port and the stop to the {@code assembly}.
 *
 * <p>Deliberately absent: what runs without Spring's context, which is the {@code assembly}.
 */
@NullMarked
package dev.understudy.application;

import org.jspecify.annotations.NullMarked;
