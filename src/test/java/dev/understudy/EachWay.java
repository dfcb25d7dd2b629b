package dev.understudy;

import dev.understudy.testing.Extent;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test with what a lane's paths begin with, and a protocol: in each lane over all of them, in the
 * gate at the {@link Extent#ends}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Tag(Extent.FULL)
@ParameterizedTest
@MethodSource("dev.understudy.TestProxy#ways")
@interface EachWay {}
