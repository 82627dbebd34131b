package dev.quipforge.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/** Addresses and result codes of the driver API, in the form JCuda wants them. */
public final class Driver {

    private static final CUdeviceptr ORIGIN = new CUdeviceptr();

    private Driver() {}

    /** Demands success of {@code call}. */
    public static void check(String call, int result) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new CudaException(call + ": " + CUresult.stringFor(result));
        }
    }

    /** A device address as JCuda's pointer. */
    static CUdeviceptr device(long address) {
        return ORIGIN.withByteOffset(address);
    }

    /** A host address as JCuda's pointer. */
    static Pointer host(long address) {
        return new HostPointer(address);
    }

    private static final class HostPointer extends Pointer {

        HostPointer(long address) {
            super(address);
        }
    }

    /** Memory that the driver allocates, whose address we may read. */
    static final class Allocation extends CUdeviceptr {

        long address() {
            return getNativePointer();
        }
    }

    /** Pinned memory of the host, whose address we may read. */
    static final class HostAllocation extends Pointer {

        long address() {
            return getNativePointer();
        }
    }

    /** A stream whose handle we may read, to hand it to the libraries. */
    public static final class Stream extends CUstream {

        /** Its address, as the libraries take it. */
        public long handle() {
            return getNativePointer();
        }
    }
}
