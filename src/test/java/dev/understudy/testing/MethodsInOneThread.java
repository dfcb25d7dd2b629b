package dev.understudy.testing;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;

/**
 * The order of all test classes: the usual one. That there is one keeps the methods of a class, and
 * the rounds of one with parameters, in one thread, while everything else runs beside each other by
 * default. JUnit's default for classes alone leaves out those with parameters, which then wait for
 * each other in one thread.
 */
public final class MethodsInOneThread implements MethodOrderer {
  @Override
  public void orderMethods(MethodOrdererContext context) {
    // As they are.
  }
}
