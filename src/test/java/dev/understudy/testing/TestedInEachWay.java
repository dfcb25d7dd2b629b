package dev.understudy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;

/**
 * A class of tests with parameters, which runs beside other classes as those without parameters do:
 * JUnit's default mode of classes leaves {@link ParameterizedClass} out, so that all of them would
 * run one after the other in one thread. That its methods have an order keeps them in one thread.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@Execution(ExecutionMode.CONCURRENT)
@TestMethodOrder(TestedInEachWay.UsualOrder.class)
public @interface TestedInEachWay {
  /** Changes nothing. */
  final class UsualOrder implements MethodOrderer {
    @Override
    public void orderMethods(MethodOrdererContext context) {}
  }
}
