-- The stage in which a model writes its calibration windows.

alter table jobs drop constraint jobs_stage_check;
alter table jobs add constraint jobs_stage_check check (stage in (
    'INTAKE', 'GENERATE', 'CALIBRATE', 'QUANTIZE', 'TUNE_BLOCKS', 'TUNE_END_TO_END', 'ASSEMBLE', 'EVALUATE', 'PUBLISH'));

alter table tasks drop constraint tasks_stage_check;
alter table tasks add constraint tasks_stage_check check (stage in (
    'INTAKE', 'GENERATE', 'CALIBRATE', 'QUANTIZE', 'TUNE_BLOCKS', 'TUNE_END_TO_END', 'ASSEMBLE', 'EVALUATE', 'PUBLISH'));
