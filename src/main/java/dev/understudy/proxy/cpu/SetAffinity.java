package dev.understudy.proxy.cpu;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Calls {@code sched_setaffinity(2)} for the calling thread.
 *
 * <p>Uses {@code java.lang.foreign} by reflection: it is final since Java 22, and the program is
 * compiled for 21.
 */
record SetAffinity(MethodHandle function, Method segmentOfBuffer) {
  private static final String NAME = "sched_setaffinity";
  private static final int CALLING_THREAD = 0;

  /** Links the function, which takes about 0.1 s of CPU time and 3 MB. */
  static SetAffinity link() throws CpuPinningException {
    try {
      return new SetAffinity(downcall(), type("MemorySegment").getMethod("ofBuffer", Buffer.class));
    } catch (InvocationTargetException e) {
      throw new CpuPinningException("no native access: " + e.getCause());
    } catch (NoSuchElementException e) {
      throw new CpuPinningException("this system has no " + NAME);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new CpuPinningException("this Java has no java.lang.foreign: " + e);
    }
  }

  /**
   * Returns a handle of {@code int function(pid_t, size_t, cpu_set_t *)} with an additional first
   * parameter that receives {@code errno}.
   */
  private static MethodHandle downcall() throws ReflectiveOperationException {
    Class<?> linkers = type("Linker");
    Class<?> layouts = type("MemoryLayout");
    Class<?> descriptors = type("FunctionDescriptor");
    Class<?> options = type("Linker$Option");
    Object linker = linkers.getMethod("nativeLinker").invoke(null);
    Object lookup = linkers.getMethod("defaultLookup").invoke(linker);
    Optional<?> symbol =
        (Optional<?>) type("SymbolLookup").getMethod("find", String.class).invoke(lookup, NAME);

    Object parameters = array(layouts, layout("JAVA_INT"), layout("JAVA_LONG"), layout("ADDRESS"));
    Object descriptor =
        descriptors
            .getMethod("of", layouts, parameters.getClass())
            .invoke(null, layout("JAVA_INT"), parameters);
    Object errno =
        options
            .getMethod("captureCallState", String[].class)
            .invoke(null, (Object) new String[] {"errno"});
    Object capture = array(options, errno);
    return (MethodHandle)
        linkers
            .getMethod("downcallHandle", type("MemorySegment"), descriptors, capture.getClass())
            .invoke(linker, symbol.orElseThrow(), descriptor, capture);
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName("java.lang.foreign." + name);
  }

  private static Object layout(String name) throws ReflectiveOperationException {
    return type("ValueLayout").getField(name).get(null);
  }

  private static Object array(Class<?> of, Object... elements) {
    Object array = Array.newInstance(of, elements.length);
    for (int i = 0; i < elements.length; i++) {
      Array.set(array, i, elements[i]);
    }
    return array;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  void call(BitSet cpus) throws CpuPinningException {
    ByteBuffer mask = memory(CpuList.MAX_CPUS / Byte.SIZE);
    // The kernel's mask consists of longs too, not of bytes.
    mask.asLongBuffer().put(cpus.toLongArray());
    ByteBuffer errno = memory(Long.BYTES);
    int result;
    try {
      result =
          (int)
              function.invokeWithArguments(
                  segmentOfBuffer.invoke(null, errno),
                  CALLING_THREAD,
                  (long) mask.capacity(),
                  segmentOfBuffer.invoke(null, mask));
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new CpuPinningException(NAME + ": " + e);
    }
    if (result != 0) {
      throw new CpuPinningException(NAME + " failed: " + nameOf(errno.getInt(0)));
    }
  }

  /** Returns the name of an error of the manual page, or of those that syscall filters return. */
  private static String nameOf(int errno) {
    return switch (errno) {
      case 1 -> "EPERM";
      case 3 -> "ESRCH";
      case 14 -> "EFAULT";
      case 22 -> "EINVAL";
      case 38 -> "ENOSYS";
      default -> "errno " + errno;
    };
  }
}
