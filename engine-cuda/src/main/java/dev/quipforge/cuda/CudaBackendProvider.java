package dev.quipforge.cuda;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.CudaException;
import dev.quipforge.engine.compute.BackendUnavailableException;
import dev.quipforge.engine.compute.CloseOnFailure;
import dev.quipforge.engine.compute.ComputeBackend;
import dev.quipforge.engine.compute.ComputeBackendProvider;
import dev.quipforge.engine.compute.ComputeDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens the CUDA backend on the GPU whose number the system property {@code quipforge.cuda.device} gives, 0 by default.
 * Workers on one host take one GPU each.
 */
public final class CudaBackendProvider implements ComputeBackendProvider {

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int preference() {
        return 20;
    }

    @Override
    public ComputeBackend open() {
        int ordinal = Integer.getInteger("quipforge.cuda.device", 0);
        if (ordinal < 0) {
            throw new BackendUnavailableException(
                    name(), "quipforge.cuda.device: " + ordinal + " (expected: at least 0)");
        }
        return open(ordinal);
    }

    /** Every GPU that could be opened; all of them are opened for it, one after the other. */
    @Override
    public List<ComputeDevice> devices() {
        List<ComputeDevice> devices = new ArrayList<>();
        int count = CudaDevice.count();
        for (int ordinal = 0; ordinal < Math.max(1, count); ordinal++) {
            try (ComputeBackend backend = open(ordinal)) {
                devices.add(new ComputeDevice(name() + ":" + ordinal, backend.description()));
            }
        }
        return devices;
    }

    @Override
    public ComputeBackend open(int ordinal) {
        CudaDevice device = CudaDevice.open(ordinal);
        try (CloseOnFailure opened = new CloseOnFailure(device::close)) {
            return opened.keep(new CudaBackend(device));
        } catch (CudaException e) {
            throw new BackendUnavailableException(name(), e.toString(), e);
        }
    }
}
