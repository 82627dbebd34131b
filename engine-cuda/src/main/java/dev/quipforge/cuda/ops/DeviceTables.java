package dev.quipforge.cuda.ops;

import dev.quipforge.cuda.driver.CudaDevice;
import dev.quipforge.cuda.driver.DeviceMemory;
import dev.quipforge.cuda.driver.Transfers;
import dev.quipforge.engine.codebook.ScalarGrid;
import dev.quipforge.engine.trellis.Trellis;
import java.util.HashMap;
import java.util.Map;

/** Tables of codes that several operations read, put onto the device when they are first asked for. */
public final class DeviceTables {

    private final CudaDevice device;
    private final DeviceMemory memory;
    private final Transfers transfers;
    private final Map<Trellis, TrellisTable> trellises = new HashMap<>();
    private final Map<ScalarGrid, GridTable> grids = new HashMap<>();

    /**
     * Makes no table yet.
     *
     * @param device the GPU
     * @param memory holds the tables
     * @param transfers copies them
     */
    public DeviceTables(CudaDevice device, DeviceMemory memory, Transfers transfers) {
        this.device = device;
        this.memory = memory;
        this.transfers = transfers;
    }

    /** The values of the states of a trellis. */
    TrellisTable trellis(Trellis trellis) {
        return device.call(
                () -> trellises.computeIfAbsent(trellis, _ -> TrellisTable.upload(trellis.table(), memory, transfers)));
    }

    /** The values of a grid. */
    GridTable grid(ScalarGrid grid) {
        return device.call(() -> grids.computeIfAbsent(grid, _ -> GridTable.upload(grid, memory, transfers)));
    }
}
